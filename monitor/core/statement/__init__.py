"""The statement of a period: all that a reader of a report sees, as one plain value. Pure; docs/reports.md."""
