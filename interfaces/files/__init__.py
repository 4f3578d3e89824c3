"""Where any browser fetches uploaded files, and where banners on affiliates' pages are seen."""
