"""Amazon Cognito: ListUsers of one user pool, signatures checked."""
