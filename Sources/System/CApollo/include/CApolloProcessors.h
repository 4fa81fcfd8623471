#pragma once

/// The processors this process may run on: fewer than the machine's where an affinity or a cpuset says so. At least 1.
int capollo_usable_processors(void);
