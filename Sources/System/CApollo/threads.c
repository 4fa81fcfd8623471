#define _GNU_SOURCE
#include "CApolloThreads.h"

#include <sys/prctl.h>

void capollo_set_thread_name(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }
