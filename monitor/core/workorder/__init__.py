"""Work orders: what somebody has to do about causes, at a place. Pure."""
