/// Names of programs that read pages by themselves and have none of the words of `BotAgents` in them, in lower case.
///
/// Chosen from the public list crawler-user-agents (github.com/monperrus/crawler-user-agents, MIT), version 1.67.0 of October 2026, and
/// compared with Matomo's Device Detector 6.5 (`bots.yml`) and isbot 5 (`patterns.json`). Left out are libraries that servers send with
/// for people, such as `python-requests` and `okhttp`, and names that apps of people have, such as `Instapaper`. To bring the list up to
/// date, add the names of newer versions that `BotAgentsTests` does not find.
enum BotNames {
    static func contains(_ name: some StringProtocol) -> Bool { all.contains(String(name)) }

    private static let all = Set(
        """
        2ip.ru 7siters a6-indexer abuse.xmco.fr acunetix-product adbeat.com admantx adminlabs adscanner ahrefssiteaudit air.ai alienfarm
        anthropic-ai apis-google appinsights appsiteassociation archivebox asnriskscorer autoconfig biglotron bigsur.ai bingpreview
        binlar bitbucket-webhooks bitdiscovery blackduck-fd bloglines blogtrottr bluesky-domain-status-classifier botify botpoke
        brandverity brandwatch brokenlinkcheck.com btwebclient bushbaby buttondown capsulechecker catchpoint censysinspect check_http
        checkhost checkly chrome-lighthouse cirrusexplorer citoid claude-user cloudflare-alwaysonline cloudflare-autorag cloudflare-csup
        cloudflare-healthchecks cloudflare-radar-scanner cloudflare-speedtest cloudflare-ssldetector cloudflare-stream-hook cloudflare-
        validator cludo.com coccoc cohere-ai collapsify colly commafeed cookiehubscan cookiehubverify corporama cozi-icalendar-
        feedreader criticalcss.com cron-job.org cyotekwebcopy cypex.ai cypress dareboost datadogsynthetics datafeedwatch datanyze
        dataprovider.com daum daumoa dev.hubspot.com dirbuster-1.0-rc1 dmbrowser dnsscanner dotcom-monitor downnotifier.com drupact
        easybill-importmanager easycron easydns ec2linkfinder edgewatch elmah.io emailwolf embedly evc-batch expanse ezid
        facebookcatalog facebookexternalhit fastdast fedilist fedoraplanet feedafever.com feedbin feedburner feeder.co feedfetcher-
        google feedvalidator flipboardproxy foregenix friendica funnelback gdnplus.com geedoshopproductfinder genieo giftedvisitor
        gigablastopensource github-camo globalwebsearchx gomezagent google-ads-conversions google-adwords-express google-agent google-
        area120-privacypolicyfetcher google-certificates-bridge google-gemini-cli google-inspectiontool google-physicalweb google-read-
        aloud google-safety google-site-verification google-trust-services google-xrawler googleagent-mariner googleassociationservice
        googleimageproxy googleother googlestackdrivermonitoring-uptimechecks googlewebpreview gtmetrix hardenize hatena-favicon
        hatenabookmark hcardvalidator headlesschrome headonlyscraperv2 heritrix httrack hydrozen.io ia_archiver ia_archiver-
        web.archive.org ichiro iframely imagemind img2dataset imgproxy inoreader.com internetvista ips-agent iubenda-radar jetmon kagi-
        fetcher kaikki.org-digital-archive keycdn-tools keydrop.io l9explore l9scan larbin legalmonster linkace linkdex.com linktiger
        lipperhey logicmonitor ltx71 magicsearchdev magpierss managewp manus-user masscan mb-linkchecker mediapartners-google
        mediavinemetadataparser meltwaternews meta-externalads meta-externalagent meta-externalfetcher metainspector metauri
        miniature.io modularconnector monitis monitorss monspark montastic-monitor montools.com mxtoolbox nbertaupete95 nessus netapi
        netcraft.com netcraftsurveyagent netshelter netsystemsresearch netvigie newrelicpinger newrelicsynthetics newsai newsblur
        newspaper nextcloud-news nikto nitro-optimizer-agent nmap nutch nuzzel nvdorz nyt_scraping openrss openvas orlo-linkpreview
        outsellurlvalidator owler owler-w page-preview-tool pagething panopta panscient.com pdf24 penthouse phantomjs pingdom
        pingdompagespeed pingdomtms pingping.io pixalate.com playstore-google playwright podchaserparser poduptime postrank.com pro-
        sitemaps.com protopage prtg ptst puppeteer pwabuilderhttpagent quora-link-preview remove.bg researchscan.comsys.rwth-aachen.de
        retrolistecom rigor rivva rsiteauditor rss-parser ruxitsynthetic scope3.com scraping screaming scrubby search.marginalia.nu
        searcherweb searcherxweb searchexpress securityheaders selenium semantic-visions-discovery sentry.io seo4ajax.com seoanalyzer
        seositecheckup sfdc-callout shopify-captain-hook silktide simplepie sindup site24x7 siteaudit siteimprove.com sitelock sitemaps
        sitesucker siteuptime.com skypeuripreview slimerjs slurp snacktory sparkshipping spawning-ai specificfeeds speedcurve splunk.com
        sqlmap sqwatcher startpageprivateimageproxy statuscake statuscake_uptime_checker storebot-google sucuri sv-watchagent
        swifteqlinkchecker synthetic-monitoring-agent teoma terracotta testlocally textrazor theinternetsearchx theoldreader.com
        thinklab thousandeyes top.mail.ru traackr.com trafilatura trellis-services trendsmapresolver turnitin twingly twinwavescanner
        twurly ugaresearchagent um-bentley-archive-it um-fc um-ic um-ln unshorten.it updown.io upflow uptime uptime-kuma uptimia
        uptrends urlcheckr validator.nu vaultpress visionheight.com vkshare vu-server-health-scanner w3c-checklink w3c-mobileok
        w3c_css_validator_jfouffa w3c_i18n-checker w3c_unicorn w3c_validator watchmouse watchtowr webcapture webcopier webdriver
        webpreview websiteops websitepulse webzip wesee whatsapp_preview whatsmyip.org whatweb wheregoes.com wheresitup.com wjhro
        wordupinfosearch wpmudev wpscan wpumbrella www.deadlinkchecker.com www.uptimedoctor.com xenu yahoocachesystem yahoomailproxy
        yandexmetrika yeti zabbix zgrab zmeu zoterotranslationserver
        """.split { $0 == " " || $0 == "\n" }.map { String($0) })
}
