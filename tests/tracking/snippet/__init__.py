"""fl.js in a browser: it remembers clicks on the merchant's site, and only if it may."""
