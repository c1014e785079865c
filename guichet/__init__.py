"""The command line, the settings and the supervisor: the only room that knows all the others."""
