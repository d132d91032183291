class ChannelDown(Exception):
    """The other side did not take the message, and may later."""
