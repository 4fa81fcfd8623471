PRAGMA application_id = 1095781455;
BEGIN TRANSACTION;
CREATE TABLE audit (
    time BIGINT NOT NULL, principal TEXT NOT NULL, action TEXT NOT NULL, resource TEXT NOT NULL,
    outcome TEXT NOT NULL, reason TEXT, request_id TEXT NOT NULL, peer TEXT NOT NULL);
INSERT INTO "audit" VALUES(1795728458006217,'user://local/admin','createTask','/api/v1/tasks','succeeded',NULL,'5fgdgm710000001','127.0.0.1:60672');
INSERT INTO "audit" VALUES(1795728458041672,'user://local/admin','createTask','/api/v1/tasks','succeeded',NULL,'5fgdgm710000005','127.0.0.1:60690');
CREATE TABLE leadership (
    cluster TEXT NOT NULL PRIMARY KEY, epoch BIGINT NOT NULL, holder TEXT NOT NULL,
    expires_at BIGINT NOT NULL);
INSERT INTO "leadership" VALUES('local',1,'06h1kgdnp59ytmjbvh0q',0);
CREATE TABLE schema_migrations (
    component TEXT NOT NULL, version BIGINT NOT NULL, name TEXT NOT NULL,
    checksum TEXT NOT NULL, applied_at BIGINT NOT NULL, PRIMARY KEY (component, version));
INSERT INTO "schema_migrations" VALUES('manager',1,'tasks and leadership','817a3576e5abd704',1795728455057999);
INSERT INTO "schema_migrations" VALUES('audit',1,'audit records','fc5b0e4d71f89314',1795728455065920);
CREATE TABLE tasks (
    id TEXT NOT NULL PRIMARY KEY, organisation TEXT NOT NULL, project TEXT NOT NULL,
    name TEXT NOT NULL, state TEXT NOT NULL, revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL, finished_at BIGINT, request_key TEXT, record TEXT NOT NULL,
    UNIQUE (organisation, project, name));
INSERT INTO "tasks" VALUES('06h1kge12sref5pn60ee','default','default','done','completed',3,1795728458006870,1795728458027370,'user://local/admin 06h1kge12aanzkaxw420','{"attemptCount":1,"attempts":[{"createdAt":"2026-11-26T21:27:38.006Z","endedAt":"2026-11-26T21:27:38.027Z","epoch":1,"exitCode":0,"id":"06h1kge12t25adzyhcdy","node":"06h1kgdnp59ytmjbvh0q","number":1,"outcome":"completed","ports":[],"reason":"exit code 0","startedAt":"2026-11-26T21:27:38.014Z","state":"ended"}],"createdAt":"2026-11-26T21:27:38.006Z","createdBy":"user://local/admin","desired":"run","finishedAt":"2026-11-26T21:27:38.027Z","id":"06h1kge12sref5pn60ee","name":"done","project":"default","reason":"exit code 0","restartStreak":0,"revision":3,"spec":{"command":[],"entrypoint":[],"environment":{},"executable":"/bin/true","labels":{},"mounts":[],"onDisconnect":"keep","ports":[],"priority":0,"pull":"missing","resources":{},"restart":{"factor":2,"maximumWait":60,"mode":"never","wait":0.5},"stopGrace":10},"state":"completed"}');
INSERT INTO "tasks" VALUES('06h1kge176ryaejaeqx5','default','default','wrong','failed',3,1795728458041972,1795728458046883,'user://local/admin 06h1kge16zrv4mtqa689','{"attemptCount":1,"attempts":[{"createdAt":"2026-11-26T21:27:38.041Z","endedAt":"2026-11-26T21:27:38.046Z","epoch":1,"exitCode":1,"id":"06h1kge1766zyjvtk5y2","node":"06h1kgdnp59ytmjbvh0q","number":1,"outcome":"failed","ports":[],"reason":"exit code 1","startedAt":"2026-11-26T21:27:38.042Z","state":"ended"}],"createdAt":"2026-11-26T21:27:38.041Z","createdBy":"user://local/admin","desired":"run","finishedAt":"2026-11-26T21:27:38.046Z","id":"06h1kge176ryaejaeqx5","name":"wrong","project":"default","reason":"exit code 1","restartStreak":0,"revision":3,"spec":{"command":[],"entrypoint":[],"environment":{},"executable":"/bin/false","labels":{},"mounts":[],"onDisconnect":"keep","ports":[],"priority":0,"pull":"missing","resources":{},"restart":{"factor":2,"maximumWait":60,"mode":"never","wait":0.5},"stopGrace":10},"state":"failed"}');
CREATE INDEX audit_by_time ON audit (time);
COMMIT;
