"""What Buildbot serves at / where buildbot-www is not installed: nothing. Without it the API does not start."""
from buildbot.www.plugin import Application

ep = Application(__name__, "No web interface", ui=False)
