"""Where providers of payouts send their notices: verified, stored, answered; nothing more."""
