-- Many people follow a link, each with a browser and an address of its own: every request is
-- another visitor's, as far as one core can pretend. A trusted proxy says the addresses.
local browsers = {}
for number = 1, 200 do
   browsers[number] = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/"
      .. (100 + number % 45) .. ".0." .. number .. ".0 Safari/537.36"
end

wrk.headers["Accept"] = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
wrk.headers["Accept-Encoding"] = "gzip, deflate, br"
wrk.headers["Accept-Language"] = "en-GB,en;q=0.9"
wrk.headers["Referer"] = "https://blog.example/best-shoes"
wrk.headers["Sec-Fetch-Dest"] = "document"
wrk.headers["Sec-Fetch-Mode"] = "navigate"
wrk.headers["Sec-Fetch-Site"] = "cross-site"

local prepared = {}

function init()
   math.randomseed(os.time())
   for number = 1, 20000 do
      local address = "198.18." .. math.random(0, 255) .. "." .. math.random(1, 254)
      wrk.headers["X-Forwarded-For"] = address
      wrk.headers["User-Agent"] = browsers[math.random(#browsers)]
      prepared[number] = wrk.format("GET")
   end
end

function request()
   return prepared[math.random(#prepared)]
end
