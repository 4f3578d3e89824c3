"""What a merchant and its affiliates write to each other: threads, broadcasts, automations."""
