-- The load of one benchmark job, for wrk. Settings come from the environment:
--   BENCH_JOB    hello | profile | dashboard | usage | fill | eventsN (100 a request, of N users) | event | features
--   BENCH_KEY    the secret key        BENCH_USERS   ids are u0 ... u(N-1)
-- `fill` (on one thread) writes each user once and then ends wrk; the others draw users evenly.

local job = os.getenv("BENCH_JOB")
local users = tonumber(os.getenv("BENCH_USERS") or "1")
local base = "/api/personalization/users/u"
local features = { "marketing-plan", "brand-audit", "content-engine" }
local head = "Host: 127.0.0.1\r\nAuthorization: Bearer " .. (os.getenv("BENCH_KEY") or "") .. "\r\n"
local threads = 0

function setup(thread)
    threads = threads + 1
    thread:set("number", threads)
end

function init()
    math.randomseed(number)
end

local function get(path)
    return "GET " .. path .. " HTTP/1.1\r\n" .. head .. "\r\n"
end

local function use(user)
    local body = '{"feature":"' .. features[user % 3 + 1] .. '"}'
    return "POST " .. base .. user .. "/feature-usage HTTP/1.1\r\n" .. head
        .. "Content-Type: application/json\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body
end

local kinds = { "product_view", "product_view", "product_search", "add_to_cart", "group_view", "purchase_completed" }
local run = os.time() .. "-" .. math.random(1, 1000000000)

local function event(user)
    sent_events = (sent_events or 0) + 1
    local id = '"messageId":"' .. run .. "-" .. number .. "-" .. sent_events .. '","userId":"u' .. (user or math.random(0, users - 1)) .. '"'
    if sent_events % 2 == 0 then
        return '{"type":"page",' .. id .. ',"properties":{"url":"https://shop.example/p' .. math.random(0, 49) .. '?a=b","title":"A page"}}'
    end
    return '{"type":"track","event":"' .. kinds[math.random(1, #kinds)] .. '",' .. id .. ',"properties":{"product_id":'
        .. math.random(1, 500) .. ',"category":"c' .. math.random(1, 12) .. '"},"context":{"timezone":"Europe/Paris"}}'
end

local function post(path, body)
    return "POST " .. path .. " HTTP/1.1\r\n" .. head .. "Content-Type: application/json\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body
end

-- A hundred events: of so many users, each of whom has a visit of events in a row.
local function events(visits)
    local batch, user = {}, 0
    for place = 1, 100 do
        if (place - 1) % (100 / visits) == 0 then user = math.random(0, users - 1) end
        batch[place] = event(user)
    end
    return post("/api/track/batch", '{"batch":[' .. table.concat(batch, ",") .. "]}")
end

local function features()
    return get("/api/behavioral-ml/user-profile/behavioral?user_id=u" .. math.random(0, users - 1))
end

local sent, answered = 0, 0

local function next_user()
    local user = sent % users
    sent = sent + 1
    return use(user)
end

local jobs = {
    hello = function() return get("/") end,
    profile = function() return get(base .. math.random(0, users - 1)) end,
    dashboard = function() return get(base .. math.random(0, users - 1) .. "/dashboard") end,
    usage = function() return use(math.random(0, users - 1)) end,
    fill = next_user,
    events100 = function() return events(100) end,
    events10 = function() return events(10) end,
    events1 = function() return events(1) end,
    event = function() return post("/api/track/page-view", '{"url":"/p' .. math.random(0, 49) .. '",' .. event():match('"messageId".-"userId":".-"') .. "}") end,
    features = features,
}

request = jobs[job]

if job == "fill" then
    -- Once as many more are answered as can be under way, none of the first round is. wrk knows no end but its time.
    function response(status)
        if status ~= 202 then
            io.stderr:write("fill: status ", status, "\n")
            os.exit(1)
        end
        answered = answered + 1
        if answered >= users + 256 then os.exit(0) end
    end
end
