#pragma once

// The mains of the fuzz targets. libFuzzer's own cannot be used: SwiftPM makes `main` another name for TARGET_main.
int fuzz_http_parser_main(int count, char **arguments);
int fuzz_configuration_main(int count, char **arguments);
int fuzz_certificates_main(int count, char **arguments);
int fuzz_websocket_main(int count, char **arguments);
int fuzz_protobuf_main(int count, char **arguments);
int fuzz_trace_context_main(int count, char **arguments);
int fuzz_subjects_main(int count, char **arguments);
int fuzz_calendars_main(int count, char **arguments);
int fuzz_images_main(int count, char **arguments);
int fuzz_forms_main(int count, char **arguments);
int fuzz_dns_main(int count, char **arguments);
int fuzz_s3_main(int count, char **arguments);
int fuzz_image_archives_main(int count, char **arguments);
int fuzz_node_messages_main(int count, char **arguments);
int fuzz_registries_main(int count, char **arguments);
