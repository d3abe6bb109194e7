from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.db import models

from perezvon.foundation.partitions.services import FOR_EVER


class CutByMonth(models.Model):
    """A model whose table is partitioned by its column `at` (see `schema`), and to which nothing points.

    kept_by_month: how long its rows are kept at least; a month goes when all of it may.
    """

    kept_by_month: ClassVar[timedelta] = FOR_EVER

    class Meta:
        abstract = True
