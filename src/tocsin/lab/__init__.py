"""The lab: invented callers, crews and demand. The only place, beside edge's keys, that throws dice; always from a seed."""
