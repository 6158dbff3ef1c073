"""A region on Kafka and PostgreSQL: topics, users, rights, databases and passwords, made from the institutions file."""
