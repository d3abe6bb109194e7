"""Dates as Django writes them in Ukrainian; hours with two digits, so that columns align."""

TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j E Y \u0440. H:i"
SHORT_DATE_FORMAT = "d.m.Y"
SHORT_DATETIME_FORMAT = "d.m.Y H:i"
MONTH_DAY_FORMAT = "j E"
