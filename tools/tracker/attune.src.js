/*
 * The browser tracker of Attune: what a visitor does on a page, sent to POST /v1/batch. README.md says how to embed it and what it sends.
 *
 * The rules that everything below keeps:
 *  - Nothing is stored or sent before `refused` has said no: Global Privacy Control, Do Not Track and the visitor's own opt-out come first.
 *  - No error reaches the page: whatever the browser or the page calls runs inside `guard`.
 *  - An event stays in the queue until the gateway has answered for it. It may be sent twice (its `messageId` makes that harmless),
 *    so it is never sent when older than 47 hours: the gateway remembers message ids for 48.
 *  - A queue belongs to one page, under a key of its own that begins with the time until which it is leased. Only a lapsed queue is
 *    taken over, so two tabs neither send nor lose each other's events.
 *
 * The product is this file minified, at most 2,048 bytes gzipped: hence plain functions, few distinctions, `let` alone (one word
 * less to compress), and the same words for the same things.
 */
{
  // The same function, except that it never throws.
  let guard = (work) => (...values) => {
    try {
      return work(...values);
    } catch {}
  };

  guard(() => {
    let script = document.currentScript;
    let options = script.dataset;
    let automatic = !options.auto;

    // 128 random bits. crypto.randomUUID is missing on plain http.
    let newId = () => crypto.getRandomValues(new Uint32Array(4)).join("-");

    // The device's storage, or an object in its place where there is none (a sandboxed frame) or where it is not to be used.
    let device = {};
    guard(() => device = localStorage || device)();
    let store = "cookieless" in options ? {} : device;
    let prefix = "attune." + options.key + ".";
    let choiceKey = prefix + "out";
    let visitorKey = prefix + "v";
    let queuePrefix = prefix + "q";
    let queueKey = queuePrefix + newId();

    let visitor = []; // [anonymousId, userId, sessionId, session began, last active]: shared by all tabs through the store, as lines
    let queue = []; // events to be sent, as JSON text, oldest first
    let flying = []; // those that a request carries now
    let room = 64e3; // what is left of the 64 KiB that all keepalive requests of a page share
    let lease = 15e5; // for how long others leave the stored queue alone: the longest pause and some minutes, or no more
    let pause, failures = 0;
    let silent = "consent" in options; // until optIn; also when the server does not take the key
    let shown, referrer, url = document.referrer, path, query; // shown: the context of the page view
    let engagedSince, dwell = 0, depth = 0;

    let refused = () => silent || navigator.globalPrivacyControl || navigator.doNotTrack == 1 || device[choiceKey];
    let time = (ago) => new Date(Date.now() - ago).toISOString();
    let bytes = (text) => new Blob([text]).size;
    // Stores text, or deletes where there is none or it is refused.
    let put = guard((key, text) => refused() || !text ? delete store[key] : store[key] = text);
    let keysOf = (start) => Object.keys(store).filter((key) => key.startsWith(start));

    // --- The queue ---

    // Writes this page's events.
    let save = () => {
      let events = [...flying, ...queue];
      put(queueKey, events[0] && [Date.now() + lease, ...events].join("\n"));
    };

    // Sends what waits and fits. The promise of it never fails.
    let flush = async () => {
      try {
        // Takes over the queues of pages that have ended, and forgets what is too old to be sent or too much to be kept.
        keysOf(queuePrefix).map((key) => {
          let [until, ...events] = store[key].split("\n");
          if (key != queueKey && !(until > Date.now())) {
            put(key);
            queue = [...events, ...queue];
          }
        });
        // `{"timestamp":"` has 14 characters; times of this form sort as text.
        queue = refused() ? [] : queue.filter((event) => event.slice(14) > time(169e6)).slice(-100);
        let size = 200; // the envelope
        let batch = Date.now() < pause ? [] : queue.splice(0, queue.filter((event) => (size += bytes(event) + 1) < room).length);
        flying.push(...batch);
        save();
        if (!batch[0]) return;

        room -= size;
        let { status, headers } = await fetch(new URL("/v1/batch", options.host || script.src), {
          method: "POST",
          body: `{"sentAt":"${time(0)}","writeKey":"${options.key}","batch":[${batch}]}`, // text needs no preflight
          keepalive: true,
        }).catch(() => 0);
        room += size;
        flying = flying.filter((event) => batch.indexOf(event) < 0);
        let wait = 5e3;
        if (!(status < 500) || status == 429) {
          wait = Math.min(headers?.get("Retry-After") * 1 || 2 ** ++failures, 600) * (1 + Math.random()) * 1e3;
          pause = Date.now() + wait;
          queue = [...batch, ...queue];
        } else {
          failures = 0;
          silent = silent || status == 401 || status == 403;
        }
        save();
        setTimeout(flush, wait + 9);
      } catch {}
    };

    // --- Events ---

    // Brings `visitor` up to date: a new session after 30 minutes of silence or 24 hours, unless it is only to be `continued`;
    // somebody new when another user than the known one is named.
    let visit = (continued, named) => {
      guard(() => visitor = store[visitorKey].split("\n"))();
      if (!visitor[4]) visitor = [];
      if (named && visitor[1] && visitor[1] != named) visitor = [];
      let [anonymousId = newId(), userId, session, began, active] = visitor;
      let now = Date.now();
      if (!continued && !(now - active < 18e5 && now - began < 864e5)) {
        session = newId();
        began = now;
      }
      visitor = [anonymousId, named || userId, session, began, now];
      put(visitorKey, visitor.join("\n"));
    };

    // Queues an event of now, or with the context of an earlier one, and gives its context.
    let add = (type, members, context) => {
      if (refused()) return;
      visit(context, members.userId);
      context ||= {
        timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
        library: { name: "attune.js" },
        page: { url: location.href, path: location.pathname, referrer, title: document.title, search: location.search },
        locale: navigator.language,
        sessionId: visitor[2],
      };
      // The value itself, whatever a library's `toJSON` on a prototype would make of it. Dates, which have a `toISOString`, are text.
      let event = JSON.stringify({
        timestamp: time(0), type, messageId: newId(), anonymousId: visitor[0], userId: visitor[1] || [][0], context, ...members,
      }, function (key) {
        return this[key]?.toISOString?.() || this[key];
      });
      if (bytes(event) < 32e3) {
        queue.push(event);
        save();
        if (!queue[1]) setTimeout(flush, 5e3);
        if (queue[19]) flush();
      }
      return context;
    };

    let track = (event, properties, context) => add("track", { event, properties }, context);

    // --- Pages ---

    let measure = () => depth = Math.max(
      depth, Math.min(100, (scrollY + innerHeight) * 100 / document.documentElement.scrollHeight | 0),
    );

    // Counts the time since the last call if the page was visible and focused, and looks whether it is now.
    let mark = () => {
      let now = Date.now();
      if (engagedSince) {
        dwell += now - engagedSince;
        visit(1);
      }
      engagedSince = !document.hidden && document.hasFocus() && now;
    };

    // Tells what has been seen of the page since that was last told.
    let leave = () => {
      mark();
      if (shown && dwell > 99) track("page_engagement", { dwellSeconds: dwell / 1e3, scrollDepth: depth }, shown);
      dwell = 0;
    };

    let view = (properties) => {
      leave();
      referrer = url;
      url = location.href;
      shown = add("page", { properties });
      depth = 0;
      setTimeout(guard(measure), 1e3);
    };

    // A view where the path has changed (a hash that is a path counts), or the query of a new entry of the history. It waits for
    // the router to end, so that the title is the new one and a redirection is one view.
    let navigate = (how) => setTimeout(guard(() => {
      let moved = path != (path = location.href.replace(/[?#](?!!?\/)[^#]*/g, ""));
      if (query != (query = location.search) && how != "replaceState" || moved) view();
    }));

    let click = ({ target }) => {
      let link = target.closest("a[href]");
      let marked = target.closest("[data-attune-event]");
      let element = marked || link.host && link.host != location.host && link;
      if (element) {
        let members = { url: link?.href };
        [...element.attributes].map(({ name, value }) => {
          let member = name.split("attune-")[1];
          if (member) members[member.replace(/-/g, "_")] = value;
        });
        let { event = "outbound_click", ...properties } = members;
        track(event, properties);
      }
    };

    // --- What the page may call ---

    let calls = {
      identify: (userId, traits) => add("identify", { userId: userId && userId + "", traits }),
      optOut: () => {
        silent = 1;
        queue = visitor = [];
        shown = 0;
        keysOf(prefix).map((key) => put(key));
        device[choiceKey] = 1;
      },
      page: view,
      track,
      reset: () => put(visitorKey, 1),
      optIn: () => {
        if (refused()) {
          silent = 0;
          delete device[choiceKey];
          if (automatic) view();
        }
      },
    };

    let start = guard(() => {
      let on = (type, work) => addEventListener(type, guard(work), true);
      let call = guard((name, ...values) => calls[name](...values));
      let early = window.attune || call;
      if (early.on == 1) return; // embedded twice; a library may have put `on` on every object
      call.on = 1;
      window.attune = call;
      early.q?.map((values) => call(...values));

      let end = () => {
        leave();
        flush();
      };
      on("visibilitychange", end);
      on("pagehide", () => {
        lease = -1; // visibilitychange may follow, and save again
        end();
      });
      on("online", () => flush(pause = 0));
      on("focus", mark);
      on("blur", mark);
      on("scroll", measure);
      if (automatic) {
        ["pushState", "replaceState"].map((name) => {
          let original = history[name];
          let follow = guard(navigate);
          history[name] = (...values) => {
            let result = original.apply(history, values);
            follow(name);
            return result;
          };
        });
        on("popstate", navigate);
        on("pageshow", (event) => {
          lease = 15e5;
          if (event.persisted) view();
        });
        on("click", click);
        navigate();
      }
      setTimeout(flush, 5e3);
    });

    if (document.prerendering) document.addEventListener("prerenderingchange", start);
    else start();
  })();
}
