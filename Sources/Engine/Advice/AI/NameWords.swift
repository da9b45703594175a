/// Words by which names of people are told from other words.
enum NameWords {
    /// Behind these a name follows, whatever its case.
    private static let strong: [[String]] = [
        ["my", "name", "is"], ["my", "name's"], ["my", "names"], ["name", "is"], ["call", "me"], ["je", "m'appelle"], ["je", "m’appelle"],
        ["mon", "nom", "est"], ["ich", "heiße"], ["ich", "heisse"], ["mein", "name", "ist"], ["me", "llamo"], ["mi", "nombre", "es"],
        ["mi", "chiamo"], ["meu", "nome", "é"], ["ik", "heet"], ["mijn", "naam", "is"],
    ]
    /// Behind these a capitalised word is a name.
    private static let weak: [[String]] = [
        ["i", "am"], ["i'm"], ["i’m"], ["this", "is"], ["ich", "bin"], ["je", "suis"], ["soy"], ["sono"], ["named"], ["called"],
        ["signed"], ["regards"],
    ]
    static let honorifics: Set<String> = [
        "mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "doctor", "sir", "madam", "lord", "lady", "mme", "mlle", "monsieur",
        "madame", "mademoiselle", "herr", "frau", "señor", "señora", "señorita", "sr", "sra", "srta", "signor", "signora", "signore", "sig",
        "dhr", "mevrouw", "mevr", "rev", "father", "sister", "uncle", "aunt",
    ]

    static func strongIntroduction(_ words: [Redaction.Word], at start: Int) -> Int? { introduction(strong, words, at: start) }

    static func weakIntroduction(_ words: [Redaction.Word], at start: Int) -> Int? {
        let word = words[start]
        // "M." is Monsieur, "M" is a letter.
        if honorifics.contains(word.lower) || word.core == "M" && word.trail == "." { return start + 1 }
        return introduction(weak, words, at: start)
    }

    private static func introduction(_ phrases: [[String]], _ words: [Redaction.Word], at start: Int) -> Int? {
        for phrase in phrases where start + phrase.count <= words.count {
            if phrase.indices.allSatisfy({ words[start + $0].lower == phrase[$0] }) { return start + phrase.count }
        }
        return nil
    }

    /// Behind these a single capitalised word is more likely a person than not.
    static let cues: Set<String> = [
        "with", "from", "by", "call", "contact", "ask", "tell", "thank", "help", "meet", "email", "mail", "phone", "text", "message",
        "visit", "convince", "impress", "beat", "remind", "invite", "hire", "client", "customer", "colleague", "boss", "wife", "husband",
        "friend", "partner", "daughter", "son", "mother", "sister", "brother", "manager", "coach", "mentor", "neighbour", "neighbor",
        "agent", "dear", "hi", "hello", "mit", "avec", "con", "von", "für", "pour", "para",
    ]

    /// Capitalised in titles and at the beginning of sentences, and no names.
    static let common: Set<String> = Set(
        """
        a an the and or but of to in on at by for from with without my our your their his her its this that these those i me we you \
        they he she it all any every each some more most less least many much new old big small better best first second third next \
        last good great high low top fast quick easy free full half double one two three four five six seven eight nine ten
        be become is are was get make do have has take give go come keep let put set see find use try work need want win sell buy \
        rent grow build launch improve increase decrease reduce raise lower reach gain earn save spend close open start begin finish \
        complete end stop learn teach train hire plan run lead manage organise organize write read post publish share create design \
        develop test review update upgrade fix ship deliver call email mail send meet talk ask tell visit book host join follow add \
        remove change expand promote market advertise target attract convert generate boost drive track measure automate attend \
        schedule prepare present pitch negotiate list
        business company team office shop store brand product products service services sales marketing market markets client \
        clients customer customers lead leads deal deals contract contracts revenue profit income budget price prices cost costs \
        growth goal goals plan plans strategy campaign campaigns content blog blogs article articles video videos podcast newsletter \
        website site page pages app social media email emails event events workshop webinar course book books photo photos ad ads \
        audience followers subscribers partners network home homes house houses apartment apartments condo condos listing listings \
        property properties estate real luxury commercial residential rental rentals city town downtown suburb suburbs neighborhood \
        neighborhoods neighbourhood area areas region local north south east west international national global online digital \
        mobile virtual community communities buyers sellers investors first-time young families students seniors professionals \
        startups small-business agency agent agents consultant
        monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october \
        mon tue tues wed thu thur thurs fri sat sun jan feb mar apr jun jul aug sep sept oct nov dec \
        november december spring summer autumn fall winter year years month months week weeks day days quarter today tomorrow \
        yesterday morning evening pre post multi single non semi co self off plan approval approved family e commerce ecommerce saas \
        sem ppc cpc ctr cta faq pdf vip diy llc inc ltd \
        crm seo roi kpi b2b b2c ai hr pr it usa uk eu linkedin instagram facebook youtube tiktok google \
        twitter pinterest english french german spanish italian chinese european american
        """.split { $0 == " " || $0 == "\n" }.map(String.init))

    /// Among the commonest given names of Europe and the Americas, those left out that are also words.
    static let given: Set<String> = Set(
        """
        james john robert michael david william richard joseph thomas charles christopher daniel matthew anthony steven andrew \
        joshua kenneth kevin brian george timothy ronald edward jason jeffrey ryan jacob nicholas eric jonathan stephen larry justin \
        scott brandon benjamin samuel gregory alexander patrick raymond jack dennis jerry tyler aaron jose adam nathan henry peter \
        zachary kyle noah ethan liam oliver harry oscar leo lucas hugo louis jules gabriel raphael arthur paul pierre jean michel \
        philippe alain nicolas laurent olivier julien lukas jonas finn felix maximilian moritz klaus jürgen wolfgang stefan andreas \
        sebastian tobias matthias carlos juan luis miguel antonio francisco javier alejandro diego pablo sergio giovanni giuseppe \
        luca marco matteo lorenzo alessandro mohamed mohammed ahmed ali omar mary patricia jennifer linda elizabeth barbara susan \
        jessica sarah karen lisa nancy betty sandra margaret ashley kimberly emily donna michelle carol amanda melissa deborah \
        stephanie rebecca laura helen sharon cynthia kathleen amy angela shirley anna brenda pamela emma nicole samantha katherine \
        christine debra rachel carolyn janet catherine maria heather diane olivia julie joyce victoria ruth virginia lauren kelly \
        christina joan evelyn judith megan andrea cheryl hannah jacqueline martha gloria teresa sara madison frances kathryn ada \
        sophie sophia charlotte camille lea chloe manon juliette marie claire isabelle nathalie sabine ursula monika petra claudia \
        katrin birgit lena mia lucia carmen isabel elena sofia giulia chiara francesca martina fatima aisha layla priya anjali wei \
        mei yuki
        """.split { $0 == " " || $0 == "\n" }.map(String.init))
}
