"""The web server of a monitor."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from exporters.prometheus import CONTENT_TYPE, Page
from monitor.app.monitor import Monitor
from monitor.web import accepting, acknowledging, alerting, logins, oversight, probing, surveying
from monitor.web.order_pages import OrderPages
from monitor.web.server import create_app
from monitor.web.tokens import Tokens

#: How long the web server waits for its readers when the monitor ends.
FAREWELL_S = 0.5


@dataclass(frozen=True, slots=True)
class Listen:
    """Where the web server listens, and who may read."""

    host: str = "127.0.0.1"
    port: int = 8480
    tokens: Tokens | None = None


async def serve(monitor: Monitor, listen: Listen) -> web.AppRunner:
    """Start the web server of a monitor. Raises OSError where the port is taken."""
    page = Page(monitor.metrics.collector)
    application = create_app(
        monitor.feed,
        monitor.journal,
        page.render,
        listen.tokens,
        monitor.health,
        trouble=monitor.trouble,
        metrics_type=CONTENT_TYPE,
        names=(listen.host,),
        archive=monitor.archive(),
    )
    probing.register(application, monitor.look)
    accepting.register(application, monitor.accept)
    alerting.register(application, monitor.take_alerts, monitor.alerts_token)
    OrderPages(monitor.say, monitor.look, monitor.orders_before, monitor.paging).register(application)
    acknowledging.register(application, monitor.acknowledge, monitor.withdraw)
    logins.register(application, monitor.doubt)
    oversight.register(application, monitor.books)
    surveying.register(application, monitor.survey, monitor.survey_now, monitor.survey_obstacle)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=FAREWELL_S)
    await runner.setup()
    try:
        await web.TCPSite(runner, listen.host, listen.port).start()
    except OSError:
        await runner.cleanup()
        raise
    return runner
