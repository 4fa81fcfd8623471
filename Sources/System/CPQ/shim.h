#pragma once
#include <libpq-fe.h>
#include <pg_config.h>

// What Swift cannot say itself: constants that are characters.

/// One of the fields of an error (https://www.postgresql.org/docs/15/libpq-exec.html, PQresultErrorField), or null.
static inline const char *cpq_sqlstate(const PGresult *result) { return PQresultErrorField(result, PG_DIAG_SQLSTATE); }
static inline const char *cpq_message(const PGresult *result) { return PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY); }
static inline const char *cpq_detail(const PGresult *result) { return PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL); }

/// Drops what the server only remarks: libpq would print it.
static inline void cpq_drop_notice(void *context, const PGresult *notice) {}
static inline void cpq_silence(PGconn *connection) { PQsetNoticeReceiver(connection, cpq_drop_notice, (void *)0); }
