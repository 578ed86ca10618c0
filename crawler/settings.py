"""Scrapy's settings: only what differs from its defaults, each with the default and the reason.

Limits and manners of an archive come from its `ogi.toml` through `crawler.harvest.job`; these hold for `scrapy crawl` as well.
"""

BOT_NAME = "ogi-archive"  # default "scrapybot"
SPIDER_MODULES = ["crawler.spiders"]
NEWSPIDER_MODULE = "crawler.spiders"
USER_AGENT = "ogi-archive (set operator.contact in ogi.toml)"  # default names Scrapy only

# One request at a time to a host, with our own gate before it (crawler.http.politeness): Scrapy's slots know neither
# Retry-After nor what a firewall's page looks like.
CONCURRENT_REQUESTS_PER_DOMAIN = 1  # default 8
DOWNLOAD_DELAY = 0  # the gate keeps the delay
DOWNLOAD_DELAY_JITTER = 0  # default 0.5; the gate's
AUTOTHROTTLE_ENABLED = False  # the default; it would not back off on 503
RETRY_ENABLED = False  # default True; it repeats 429 at once
REDIRECT_ENABLED = False  # default True; crawler.spiders.base follows, one visit a hop
METAREFRESH_ENABLED = False  # default True; families decide what a refresh means
OGI_RETRIES = 2  # ours: further attempts after 429, 5xx and broken connections
OGI_DELAY = 2.0  # ours: seconds between two requests to one host, for `scrapy crawl`

# Answers as they were sent.
DOWNLOAD_HANDLERS = {
    "http": "crawler.http.transport.TransportHandler",
    "https": "crawler.http.transport.TransportHandler",
    "data": None,
    "file": None,
    "ftp": None,
    "s3": None,
}
COMPRESSION_ENABLED = False  # default True; captures keep the transferred bytes, `Visit.content` is decoded
DOWNLOAD_MAXSIZE = 64 << 20  # default 1 GiB; what is longer is cut and marked as truncated
DOWNLOAD_WARNSIZE = 0  # default 32 MiB; truncation is recorded instead
DOWNLOAD_TIMEOUT = 60  # default 180; for the whole exchange, so that slow drips end

# Our own versions stand in their place, or nobody needs them.
DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,  # fetches the public-suffix list from the network
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,  # crawls on when robots.txt answers 503
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
    "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": None,
    "scrapy.downloadermiddlewares.cookies.CookiesMiddleware": None,  # public-suffix list again; one jar for all portals
    "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": None,  # a proxy would hide which address answered
    "scrapy.downloadermiddlewares.stats.DownloaderStats": None,
    "scrapy.downloadermiddlewares.httpcache.HttpCacheMiddleware": None,
    "crawler.http.middlewares.ScopeMiddleware": 50,
    "crawler.http.middlewares.RobotsMiddleware": 100,
    "crawler.http.middlewares.CookieJarMiddleware": 700,
    "crawler.http.middlewares.PolitenessMiddleware": 800,
    "crawler.http.middlewares.CaptureMiddleware": 900,
}
ROBOTSTXT_OBEY = True  # default False; kept true for readers of the settings, the middleware is ours
COOKIES_ENABLED = False  # default True; see CookieJarMiddleware
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5",  # default "en"
    "Accept-Encoding": "gzip, deflate",  # what can be decoded without further libraries
}

EXTENSIONS = {
    "scrapy.extensions.corestats.CoreStats": None,
    "scrapy.extensions.logcount.LogCount": None,
    "scrapy.extensions.telnet.TelnetConsole": None,
    "scrapy.extensions.memusage.MemoryUsage": None,
    "scrapy.extensions.memdebug.MemoryDebugger": None,
    "scrapy.extensions.closespider.CloseSpider": None,
    "scrapy.extensions.feedexport.FeedExporter": 0,  # `scrapy crawl -O` still works
    "scrapy.extensions.logstats.LogStats": None,
    "scrapy.extensions.spiderstate.SpiderState": None,
    "scrapy.extensions.throttle.AutoThrottle": None,
    "scrapy.extensions.remote_control.RemoteControl": None,
    "crawler.http.extensions.ParentWatch": 0,
}
REMOTE_CONTROL_ENABLED = False  # default True: an HTTP server that runs code sent to it
TELNETCONSOLE_ENABLED = False  # default True
STATS_CLASS = "scrapy.statscollectors.DummyStatsCollector"  # the visit log is the statistics
STATS_DUMP = False  # default True
FEED_EXPORT_ENCODING = "utf-8"  # default: escaped JSON
LOG_LEVEL = "INFO"  # default DEBUG prints a line a page
LOG_VERSIONS: list[str] = []  # default lists seven libraries
