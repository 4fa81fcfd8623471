#include "FuzzDriver.h"

#include <stddef.h>
#include <stdint.h>

// https://llvm.org/docs/LibFuzzer.html, "Using libFuzzer as a library".
int LLVMFuzzerRunDriver(int *count, char ***arguments, int (*test)(const uint8_t *, size_t));
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static int run(int count, char **arguments) {
    return LLVMFuzzerRunDriver(&count, &arguments, LLVMFuzzerTestOneInput);
}

int fuzz_http_parser_main(int count, char **arguments) { return run(count, arguments); }
int fuzz_configuration_main(int count, char **arguments) { return run(count, arguments); }
int fuzz_websocket_main(int count, char **arguments) { return run(count, arguments); }
int fuzz_protobuf_main(int count, char **arguments) { return run(count, arguments); }
int fuzz_certificates_main(int count, char **arguments) { return run(count, arguments); }
int fuzz_trace_context_main(int count, char **arguments) { return run(count, arguments); }
int fuzz_subjects_main(int count, char **arguments) { return run(count, arguments); }
int fuzz_calendars_main(int count, char **arguments) { return run(count, arguments); }
int fuzz_images_main(int count, char **arguments) { return run(count, arguments); }
int fuzz_forms_main(int count, char **arguments) { return run(count, arguments); }
int fuzz_dns_main(int count, char **arguments) { return run(count, arguments); }
int fuzz_status_details_main(int count, char **arguments) { return run(count, arguments); }
int fuzz_exec_messages_main(int count, char **arguments) { return run(count, arguments); }
int fuzz_machines_main(int count, char **arguments) { return run(count, arguments); }
int fuzz_s3_main(int count, char **arguments) { return run(count, arguments); }
int fuzz_image_archives_main(int count, char **arguments) { return run(count, arguments); }
int fuzz_node_messages_main(int count, char **arguments) { return run(count, arguments); }
int fuzz_registries_main(int count, char **arguments) { return run(count, arguments); }
