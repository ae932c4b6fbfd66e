"""The pure core: values and arithmetic without a clock, a socket, a file, a log or an event loop."""
