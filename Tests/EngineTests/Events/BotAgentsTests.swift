import Engine
import Testing

/// Crawlers of crawler-user-agents 1.67.0 (October 2026), and devices of people.
@Suite("BotAgents")
struct BotAgentsTests {
    @Test("crawlers, monitors and previews are programs", arguments: crawlers)
    func program(_ agent: String) {
        #expect(BotAgents.isBot(agent))
    }

    @Test("phones are of people, whatever their models are called", arguments: phones)
    func phone(_ model: String) {
        let parts = model.split(separator: "|")
        let platform = "Mozilla/5.0 (Linux; Android \(parts[1]); \(parts[0]))"
        #expect(!BotAgents.isBot("\(platform) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36"))
        // A crawler says so on such a phone, too.
        #expect(BotAgents.isBot("\(platform) Chrome/120.0 Mobile (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"))
    }

    @Test("browsers, televisions, apps, and libraries are of people", arguments: others)
    func person(_ agent: String) {
        #expect(!BotAgents.isBot(agent))
    }

    @Test("what is huge or odd is no matter")
    func bounds() {
        #expect(!BotAgents.isBot(""))
        #expect(!BotAgents.isBot(String(repeating: "(", count: 100_000)))
        #expect(BotAgents.isBot("Googlebot/2.1 " + String(repeating: "x", count: 100_000)))
        #expect(BotAgents.isBot(")](Googlebot/2.1"))
        #expect(!BotAgents.isBot("\u{1F600}\u{0}cubot"))
    }

    private static let crawlers = lines(
        """
        Googlebot/2.1 (+http://www.google.com/bot.html)
        DoCoMo/2.0 N905i(c100;TB;W24H16) (compatible; Googlebot-Mobile/2.1; +http://www.google.com/bot.html)
        Googlebot-Image/1.0
        Googlebot-News
        Googlebot-Video/1.0
        AdsBot-Google (+http://www.google.com/adsbot.html)
        AdsBot-Google-Mobile-Apps
        Feedfetcher-Google; (+http://www.google.com/feedfetcher.html; 1 subscribers; feed-id=728742641706423)
        Mediapartners-Google
        APIs-Google (+https://developers.google.com/webmasters/APIs-Google.html)
        Mozilla/5.0 (compatible; Google-InspectionTool/1.0)
        GoogleOther
        Mozilla/5.0 (compatible; adidxbot/2.0;  http://www.bing.com/bingbot.htm)
        Mozilla/5.0 (compatible; Yahoo! Slurp/3.0; http://help.yahoo.com/help/us/ysearch/slurp)
        istellabot-nutch/Nutch-1.10
        adidxbot/1.1 (+http://search.msn.com/msnbot.htm)
        FAST-WebCrawler/3.6/FirstPage (atw-crawler at fast dot no;http://fast.no/support/crawler.asp)
        FAST Enterprise Crawler 6 / Scirus scirus-crawler@fast.no; http://www.scirus.com/srsapp/contactus/
        BIGLOTRON (Beta 2;GNU/Linux)
        Mozilla/2.0 (compatible; Ask Jeeves/Teoma; +http://sp.ask.com/docs/about/tech_crawling.html)
        ConveraCrawler/0.9e (+http://ews.converasearch.com/crawl.htm)
        Seekbot/1.0 (http://www.seekbot.net/bot.html) RobotsTxtFetcher/1.2
        Gigabot/1.0
        GigablastOpenSource/1.0
        Mozilla/5.0 (compatible; Alexabot/1.0; +http://www.alexa.com/help/certifyscan; certifyscan@alexa.com)
        ia_archiver (+http://www.alexa.com/site/help/webmasters; crawler@alexa.com)
        Mozilla/4.5 (compatible; HTTrack 3.0x; Windows 98)
        Mozilla/4.0 (compatible; grub-client-0.3.0; Crawl your own stuff with http://grub.org)
        Mozilla/5.0 (compatible; Speedy Spider; http://www.entireweb.com/about/search_tech/speedy_spider/)
        findlinks/1.0 (+http://wortschatz.uni-leipzig.de/findlinks/)
        panscient.com
        Mozilla/5.0 (compatible; MJ12bot/v1.4.6; http://mj12bot.com/)
        Mozilla/5.0 (compatible; woriobot +http://worio.com)
        Yanga WorldSearch Bot v1.1/beta (http://www.yanga.co.uk/)
        Buzzbot/1.0 (Buzzbot; http://www.buzzstream.com; buzzbot@buzzstream.com)
        MLBot (www.metadatalabs.com/mlbot)
        Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)
        Linguee Bot (http://www.linguee.com/bot)
        CyberPatrol SiteCat Webbot (http://www.cyberpatrol.com/cyberpatrolcrawler.asp)
        Mozilla/5.0 (Windows NT 5.1; U; Win64; fr; rv:1.8.1) VoilaBot BETA 1.2 (support.voilabot@orange-ftgroup.com)
        Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)
        Mozilla/5.0 (compatible; spbot/1.0; +http://www.seoprofiler.com/bot/ )
        PostRank/2.0 (postrank.com)
        TurnitinBot (https://turnitin.com/robot/crawlerinfo.html)
        Mozilla/5.0 (compatible;  Page2RSS/0.7; +http://page2rss.com/)
        Mozilla/5.0 (compatible; Whoiswebsitebot/0.1; +http://www.whoiswebsite.net)
        Mozilla/5.0 (compatible; linkdexbot/2.0; +http://www.linkdex.com/about/bots/)
        Mozilla/5.0 (compatible; Ezooms/1.0; ezooms.bot@gmail.com)
        Mozilla/5.0 (compatible; DotBot/1.1; http://www.opensiteexplorer.org/dotbot, help@moz.com)
        Mozilla/5.0 (compatible; Linux x86_64; Mail.RU_Bot/2.0; +http://go.mail.ru/help/robots)
        Mozilla/5.0 (compatible; discobot/1.0; +http://discoveryengine.com/discobot.html)
        Mozilla/5.0 (compatible; heritrix/1.12.1 +http://www.webarchiv.cz)
        Mozilla/5.0 (compatible; MSIE 7.0 +http://www.europarchive.org)
        Mozilla/5.0 (compatible; NerdByNature.Bot; http://www.nerdbynature.net/bot)
        Mozilla/5.0 (compatible; SISTRIX Crawler; http://crawler.sistrix.net/)
        Mozilla/5.0 (compatible; AhrefsBot/6.1; +http://ahrefs.com/robot/)
        fuelbot
        CrunchBot/1.0 (+http://www.leadcrunch.com/crunchbot)
        Mozilla/5.0 (Windows NT 6.1; rv:38.0) Gecko/20100101 Firefox/38.0 (IndeedBot 1.1)
        Mozilla/5.0 (compatible; Mappy/1.0; +http://mappydata.net/bot/)
        woobot
        ZoominfoBot (zoominfobot at zoominfo dot com)
        Mozilla/5.0 (compatible; PrivacyAwareBot/1.1; +http://www.privacyaware.org)
        Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1; Multiviewbot
        Mozilla/5.0 (compatible; Grobbot/2.2; +https://grob.it)
        Mozilla/5.0 (compatible; eright/1.0; +bot@eright.com)
        Mozilla/5.0 (compatible; Apercite; +http://www.apercite.fr/robot/index.html)
        semanticbot
        Aboundex/0.2 (http://www.aboundex.com/crawler/)
        CipaCrawler/3.0 (info@domaincrawler.com; http://www.domaincrawler.com/www.example.com)
        Summify (Summify/1.0.1; +http://summify.com)
        CCBot/2.0 (http://commoncrawl.org/faq/)
        Mozilla/5.0 (compatible; SeznamBot/3.2-test1-1; +http://napoveda.seznam.cz/en/seznambot-intro/)
        ec2linkfinder
        Mozilla/5.0 (compatible; aiHitBot/2.9; +https://www.aihitdata.com/about)
        facebookexternalhit/1.1
        Mozilla/5.0 (compatible; Yeti/1.1; +http://naver.me/bot)
        Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 5.1; RetrevoPageAnalyzer; +http://www.retrevo.com/content/about-us)
        Sogou News Spider/4.0(+http://www.sogou.com/docs/help/webmasters.htm#07)
        Wotbox/2.0 (bot@wotbox.com; http://www.wotbox.com)
        DoCoMo/2.0 P900i(c100;TB;W24H11) (compatible; ichiro/mobile goo; +http://help.goo.ne.jp/help/article/1142/)
        DuckDuckBot/1.0; (+http://duckduckgo.com/duckduckbot.html)
        drupact/0.7; http://www.arocom.de/drupact
        Mozilla/5.0 (compatible; coccoc/1.0; +http://help.coccoc.com/)
        www.integromedb.org/Crawler
        it2media-domain-crawler/1.0 on crawler-prod.it2media.de
        Mozilla/5.0 (compatible; SiteExplorer/1.0b; +http://siteexplorer.info/)
        Mozilla/5.0 (compatible; proximic; +http://www.proximic.com)
        Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1; SV1;  http://www.changedetection.com/bot.html )
        WeSEE:Search
        Mozilla/5.0 (compatible; TavilyBot; +https://tavily.com/)
        Mozilla/5.0 (compatible; EchoboxBot/1.0; hash/w4mwnpbXf3MFAbxOkJRw; +http://www.echobox.com)
        zzhbot
        datagnionbot (+http://www.datagnion.com/bot.html)
        Mozilla/5.0 AppleWebKit (compatible; s4a-probe-bot/1.0; Fake-Googlebot; +https://www.seo4ajax.com/webscraper)
        seo4ajax.com
        Mozilla/5.0 (compatible; um-LN/1.0; mailto: techinfo@ubermetrics-technologies.com)
        MTRobot/0.2 (Metrics Tools Analytics Crawler; https://metrics-tools.de/robot.html; crawler@metrics-tools.de)
        NextCloud-News/1.0
        FedReporterDataBot/1.0 (+https://fedreporter.net/FedReporterBotDocumentation;)
        ScourRSSBot/1.0 (+https://scour.ing/bot)
        Mozilla/5.0 (compatible; Qwarrybot/2.0; +http://www.qwarry.com/bot.html)
        Mozilla/7.0 (compatible; Golfe/1.1; +http://www.goo-olfe.ae/bot.html)
        Mozilla/5.0 (compatible; Dataprovider.com)
        Mozilla/5.0 (TweetmemeBot/4.0; +http://datasift.com/bot.html) Gecko/20100101 Firefox/31.0
        dlvr.it/1.0 (+http://dlvr.it/fetcher)
        Mozilla/5.0 (compatible; ModatScanner/1.2; +https://modat.io/)
        Mozilla/5.0 (compatible; SERankingBacklinksBot/1.0; +https://seranking.com/backlinks-crawler)
        INETDEX-BOT/1.5 (Mozilla/5.0; https://inetdex.com/bot.html)
        Mozilla/5.0 (compatible;acapbot/0.1;treat like Googlebot)
        e.ventures Investment Crawler (eventures.vc)
        Overcast/1.0 Podcast Sync (123 subscribers; feed-id=456789; +http://overcast.fm/)
        tigerbot
        Mozilla/5.0 (compatible; RidderBot/1.0; bot@ridder.co)
        CC Metadata Scaper http://wiki.creativecommons.org/Metadata_Scraper
        Mozilla/5.0 (compatible; bnf.fr_bot; +http://bibnum.bnf.fr/robot/bnf.html)
        Mozilla/5.0 (compatible; Channel3Bot/1.0; +https://trychannel3.com/channel3bot)
        Mozilla/5.0 (compatible; Current/1.0; +https://currentreader.app; RSS Reader)
        Mozilla/5.0 (compatible; inoreader.com; 1 subscribers)
        PhxBot/0.1 (phxbot@protonmail.com)
        WebZIP/3.5 (http://www.spidersoft.com)
        Mozilla/5.0 (compatible; Swiftbot/1.0; UID/649dce5512ab734096a50277; +http://swiftype.com/swiftbot)
        ApifyWebsiteContentCrawler/1.0 (+https://apify.com/apify/website-content-crawler)
        BlogVault/1.0 (+https://blogvault.net)
        Mozilla/5.0 (compatible; Amzn-User; +https://developer.amazon.com/)
        Googlebot-IA/2.1
        CodaBot/1.0
        netEstate NE Crawler (+http://www.sengine.info/)
        DaspeedBot/1.0 (+https://daspeed.io/bot-info)
        MADBbot/0.1 (Gathering webpages for data analytics; https://madb.zapto.org/bot.html; ma-db-crawl@googlegroups.com)
        Snap URL Preview Service; bot; snapchat; https://developers.snap.com/robots
        7Siters/1.2 ( https://7ooo.ru/siters/ )
        Mozilla/5.0 Moreover/5.1 (+http://www.moreover.com)
        BetterUptimeBot
        fedistatsCrawler/1.0
        SimpleCrawler/0.1
        Bushbaby (reported in logs)
        Mozilla/5.0 (compatible; ScoutJet; +http://www.scoutjet.com/)
        Pixalate.com/1.0
        downnotifier.com monitoring
        SENTINEL-LinkCheck/1.0 (+https://sentinel.oblivionzone.com/bot)
        Mozilla/5.0 (compatible; UrlSuMa.de crawler)
        masscan/1.0 (https://github.com/robertdavidgraham/masscan)
        Site24x7
        semaltbot/0.1 (+http://semalt.net)
        Mozilla/5.0 (compatible; CensysInspect/1.1; +https://about.censys.io/)
        Mozilla/5.0 (compatible; botify; http://botify.com)
        """)

    private static let phones = lines(
        """
        CUBOT_X30P|10
        CUBOT CHEETAH 2 Build/PPR1.180610.011|9
        CUBOT_NOTE_20 Build/QP1A; wv|10
        CUBOT/X18 Build/NRD90M|7.0
        CUBOT_NOTE_S|5.1
        CUBOT_POWER Build/O11019|8.1.0
        CUBOT KINGKONG MINI 3|12
        M bot 60 Build/NRD90M|7.0
        M bot 54|7.0
        B BOT 550 Build/MRA58K|6.0
        IDbot553 Build/MRA58K|6.0
        ID BOT TAB 100+|6.0
        POWER BOT Build/MRA58K|6.0
        C Bot Tab 100|7.0
        VR BOT 552|6.0
        VR BOT 552 PLUS Build/MRA58K; wv|6.0
        XBot Junior|8.1.0
        XBot_Senior Build/O11019|8.1.0
        Spider 8|13
        SPIDER T16M|9
        Spider-Man Tablet Build/N2G48H|7.1.2
        FOSSiBOT F102|13
        FOSSiBOT DT1 Lite Build/SP1A|12
        iRobot_i7|11
        Robot 20 Build/SP1A.210812.016|12
        Temi Robot|11
        ABBOT 5X|8.0
        Crawler X1|9
        Pixel 8|14
        Pixel 8 Pro Build/UQ1A; wv|14
        SM-S911B|13
        SM-A536B Build/TP1A; wv|13
        moto g 5G Build/T1TPN|13
        M2101K6G Build/SKQ1; wv|12
        CPH2205|12
        KFTRWI|9
        LYA-L29|10
        Archos 50 Saphir|7.0
        """)

    private static let others = lines(
        """
        Dalvik/2.1.0 (Linux; U; Android 8.1.0; CUBOT_POWER Build/O11019)
        UCWEB/2.0 (MIDP-2.0; U; Adr 4.4.2; en-US; CUBOT_S222) U2/1.0.0 UCBrowser/10.7.9.856 U2/1.0.0 Mobile
        Instagram 123.0.0.21.114 Android (29/10; 320dpi; 720x1344; CUBOT; CUBOT_NOTE_20; mt6765; de_DE; 188791674)
        [FBAN/FB4A;FBAV/222.0.0.48.113;FBLC/de_DE;FBMF/CUBOT;FBBD/CUBOT;FBDV/CUBOT_J3;FBSV/8.1.0;]
        MyApp/3.1 (Android 13; CUBOT KING KONG 9) okhttp/4.9.3
        Mozilla/5.0 (Web0S; Linux/SmartTV) Chrome/87.0.4280.88 Safari/537.36 HbbTV/1.6.1 (+DRM; LGE/KTC/BOTECH; 58; WEBOS22)
        Mozilla/5.0 (Linux; U; en) Chrome/58.0.3029.81 Safari/537.36 HbbTV/1.4.1 (+DVR+DRM;BOTECH;SmartTV;32LED;V1.0;) CE-HTML/1.0
        Mozilla/5.0 (SMART-TV; Linux; Tizen 5.0) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/2.2 Chrome/63.0.3239.84 TV
        Mozilla/5.0 (Linux; NetCast; U) AppleWebKit/537.31 (KHTML, like Gecko) Chrome/38.0.2125.122 Safari/537.31 SmartTV/7.0
        Opera/9.80 (Linux armv7l; HbbTV/1.2.1 (; Philips; 40HFL5010T12; ; PHILIPSTV; CE-HTML/1.0 NETTV/4.4.1) ) Presto/2.12.407
        Mozilla/5.0 (PlayStation; PlayStation 5/6.00) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/15.4 Safari/605.1.15
        Mozilla/5.0 (Nintendo Switch; WifiWebAuthApplet) AppleWebKit/609.4 (KHTML, like Gecko) NF/6.0.2.22.5
        Mozilla/5.0 (Windows NT 10.0; Win64; x64; Xbox; Xbox Series X) AppleWebKit/537.36 (KHTML, like Gecko) Edge/44.18363.8131
        Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36
        Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:121.0) Gecko/20100101 Firefox/121.0
        Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 Safari/605.1.15
        Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 LinkedInApp
        Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/119.0.6045.109 Mobile/15E148
        Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36
        Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; Trident/6.0)
        Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko
        Opera/9.80 (Android; Opera Mini/36.2.2254/119.132; U; id) Presto/2.12.423 Version/12.16
        Mozilla/5.0 (Linux; Android 12) Chrome/119.0.0.0 Mobile Safari/537.36 WhatsApp/2.23.20.0
        Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Electron/27.1.0 Safari/537.36 Slack/4.35.126
        python-requests/2.31.0
        okhttp/4.12.0
        analytics-node/6.0.0
        node-fetch/1.0 (+https://github.com/bitinn/node-fetch)
        Go-http-client/2.0
        """)

    private static func lines(_ text: String) -> [String] { text.split(separator: "\n").map { String($0) } }
}
