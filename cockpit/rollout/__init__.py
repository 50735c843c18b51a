"""Who answers the logins of which connection: routes, waves, health and gates, as pure decisions."""
