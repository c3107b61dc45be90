"""Log records as JSON: one object a line."""

import json
import logging
import traceback
from datetime import UTC, datetime


class JSONFormatter(logging.Formatter):
    """Writes time, level, message and the fields of a record: log.info("…", extra={"fields": {…}}).

    Of an exception the type and the lines of code are written. Its text is not: it may quote a request.
    """

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "msg": record.getMessage(),
        }
        entry.update(getattr(record, "fields", {}))
        if record.exc_info and record.exc_info[0]:
            entry["exception"] = record.exc_info[0].__name__
            entry["stack"] = "".join(traceback.format_tb(record.exc_info[2]))
        return json.dumps(entry, ensure_ascii=False, default=str)
