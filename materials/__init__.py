"""What affiliates sell with: banners, texts, lists and files of a program, and its products."""
