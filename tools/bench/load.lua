-- The load of one benchmark job, for wrk. Settings come from the environment:
--   BENCH_JOB    hello | profile | dashboard | usage | fill
--   BENCH_KEY    the secret key        BENCH_USERS   ids are u0 ... u(N-1)
-- `fill` writes each user once and then stops; the others draw users evenly.

local job = os.getenv("BENCH_JOB")
local users = tonumber(os.getenv("BENCH_USERS") or "1")
local base = "/api/personalization/users/u"
local features = { "marketing-plan", "brand-audit", "content-engine" }
local head = "Host: 127.0.0.1\r\nAuthorization: Bearer " .. (os.getenv("BENCH_KEY") or "") .. "\r\n"
local count = 0

function setup(thread)
    thread:set("number", count)
    count = count + 1
    thread:set("threads", tonumber(os.getenv("BENCH_THREADS") or "2"))
end

function init()
    math.randomseed(number + 1)
    sent = number
    answered = number
end

local function get(path)
    return "GET " .. path .. " HTTP/1.1\r\n" .. head .. "\r\n"
end

local function post(path, body)
    return "POST " .. path .. " HTTP/1.1\r\n" .. head .. "Content-Type: application/json\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body
end

local function use(user)
    return post(base .. user .. "/feature-usage", '{"feature":"' .. features[user % 3 + 1] .. '"}')
end

local jobs = {
    hello = function() return get("/") end,
    profile = function() return get(base .. math.random(0, users - 1)) end,
    dashboard = function() return get(base .. math.random(0, users - 1) .. "/dashboard") end,
    usage = function() return use(math.random(0, users - 1)) end,
    fill = function()
        local user = sent % users
        sent = sent + threads
        return use(user)
    end,
}

request = jobs[job]

if job == "fill" then
    -- A few more than needed are under way when the last is answered; they start again at the first user.
    function response()
        answered = answered + threads
        if answered >= users + threads * 256 then wrk.thread:stop() end
    end
end
