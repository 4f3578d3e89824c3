"""The demo: two merchants with a believable past (`manage.py load_demo`) and a shop of their own.

Nothing of the product imports this. The history is made by calling the product's services in
order of time; `demo.shop` is a separate program that knows only what a merchant would know.
"""
