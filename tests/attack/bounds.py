"""How many MiB of memory the node may get during each attack, above what it had before.

A tenth of the load has the same bounds: budgets bound the memory, not the number of attackers. Every bound contains `CACHES`, what the node keeps
while it works, whoever asks: the caches of RocksDB and of GraphQL answers (16 MiB), the newest events (8 MiB), and what the heap does not give back.
"""
CACHES = 64

# Memory that is bounded by a budget for all clients together. The attackers are one or two clients, so less would be theirs.
UPLOADS = 256  # net::Limits::max_upload_bytes: request bodies that are not whole
LARGE_ANSWERS = 256  # graphql_http::Service::Limits::large_bytes
ENDED_SESSIONS = 32  # the setting resume-bytes

# attack: MiB above CACHES, why
ROWS = {
    'control-spin': (0, 'it asks the node for nothing'),
    'control-sockets': (0, 'it asks the node for nothing'),
    'slow-headers': (16, '1,000 heads of at most 16 KiB'),
    'slow-bodies': (16, 'bodies take room as they come'),
    'slow-readers': (0, 'the file is sent from where it lies'),
    'unread-answers': (32, 'the file is sent from where it lies'),
    'unread-history': (32, 'unread answers have one budget'),
    'pipelining': (0, '30 connections with one request each'),
    'large-heads': (0, '30 heads of 16 KiB'),
    'large-bodies': (48, '8 bodies of 3 MiB, twice while they are handed on'),
    'hex-bodies': (64, '8 bodies of 3 MiB, and what they are decoded to'),
    'hex-transactions': (64, '8 bodies of 3 MiB, and what they are decoded to'),
    'endless-uploads': (UPLOADS, 'uploads have one budget'),
    'gas-prices': (0, '30 connections with one request each'),
    'connection-storm': (16, 'a connection costs some hundred bytes and is closed at once'),
    'request-storm': (16, 'a connection costs some hundred bytes and is closed at once'),
    'all-connections': (0, '400 connections'),
    'pings': (0, 'pongs that wait are bounded to 2 KiB'),
    'unread-pings': (16, '30 sockets with at most 20 KiB of control frames'),
    'empty-messages': (0, 'nothing is kept of them'),
    'fragments': (0, '30 messages of 8 KB'),
    'unfinished-messages': (32, 'unfinished messages have one budget'),
    'commands': (16, '30 sessions with 64 subscriptions each'),
    'bad-commands': (16, '30 messages of 200 KB'),
    'session-storm': (ENDED_SESSIONS, 'ended sessions have one budget'),
    'held-sessions': (32, '6,000 sessions of about 1 KB, and their journal'),
    'subscription-storm': (192, 'subscriptions of one client have a budget'),
    'resume-storm': (ENDED_SESSIONS, 'ended sessions have one budget'),
    'unknown-resumes': (ENDED_SESSIONS, 'ended sessions have one budget'),
    'sse-storm': (32, '128 streams with at most 64 KiB and one read'),
    'unread-sse': (64, '1,000 streams with at most 64 KiB'),
    'log-scans': (32, '16 reads of the log at once on each loop'),
    'resumed-scans': (32, '16 reads of the log at once on each loop'),
    'history-scans': (32, '8 pages at once'),
    'decoded-subscriptions': (48, 'decoded events have one budget of 16 MiB'),
    'decoded-history': (32, '4 pages at once'),
    'graphql-aliases': (LARGE_ANSWERS, 'large answers have one budget'),
    'graphql-histories': (LARGE_ANSWERS, 'large answers have one budget'),
    'graphql-same-fields': (LARGE_ANSWERS, 'large answers have one budget'),
    'graphql-fragments': (0, 'refused before it is computed'),
    'graphql-batches': (64, '6 lists of 50 answers'),
    'graphql-documents': (64, '2 documents of 256 KiB at once, some hundred bytes for each field'),
    'graphql-subscriptions': (32, '60 sockets with at most 64 KiB and one batch'),
    'unread-subscriptions': (64, '200 sockets with at most 64 KiB and one batch'),
    'forged-preverify': (16, '4,096 transactions that wait'),
    'forged-propagate': (16, '4,096 transactions that wait'),
    'blob-proofs': (192, '64 MiB of transactions that wait, 48 MiB of bodies on their way, and a batch that is decoded'),
    'valid-preverify': (16, '4,096 transactions that wait'),
    'simulate': (64, 'copies of the state for two simulations at once'),
    'simulate-trace': (64, 'copies of the state for two simulations at once, and their calls'),
    'mempool-flood': (16, 'some hundred transactions of 300 bytes'),
    'future-nonces': (16, '64 transactions of 300 bytes'),
    'waiting-answers': (16, '2,000 answers that wait, some hundred bytes each'),
    'contract-queries': (64, 'copies of the state for the queries at once'),
    'traced-queries': (64, 'copies of the state for the queries at once, and their calls'),
    'feeders': (64, '16 feeders with at most 256 KiB and a copy of the state'),
    'unread-feeders': (64, '16 feeders with at most 256 KiB and a copy of the state'),
    'proofs': (256, 'the polynomials and the key of one proof with four inputs, and ten circuits'),
    'archive-scans': (32, 'a page for each thread of the read pool'),
    'half-open-tls': (16, 'a handshake that is not done costs at most 8 KiB'),
    'half-hellos': (32, 'a hello that is not whole costs its 16 KiB'),
    'hello-flood-p-256': (16, '128 handshakes at once'),
    'hello-flood-rsa-2048': (16, '128 handshakes at once'),
    'hello-flood-rsa-4096': (16, '128 handshakes at once'),
}
BOUNDS = {name: (CACHES + most, reason) for name, (most, reason) in ROWS.items()}
