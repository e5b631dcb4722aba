"""Who may call, and who there is: tokens, people and access lists.  Secrets there are none."""
