"""Serves nothing at / if buildbot-www is not installed. Without a web interface, Buildbot does not start its API."""
from buildbot.www.plugin import Application

ep = Application(__name__, "No web interface", ui=False)
