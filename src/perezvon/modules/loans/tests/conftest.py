from __future__ import annotations

from perezvon.modules.interactions.tests.conftest import contact as contact
from perezvon.modules.interactions.tests.conftest import elena as elena
from perezvon.modules.interactions.tests.conftest import loans as loans
from perezvon.modules.interactions.tests.conftest import olga as olga
