"""Amazon Cognito: users and groups of one user pool, signatures checked."""
