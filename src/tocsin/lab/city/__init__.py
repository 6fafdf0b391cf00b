"""A city in numbers: places, road times between them, stations, hospitals, units and what people call about."""
