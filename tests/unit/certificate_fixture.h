/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Certificates of a test's own authorities (P-256): one that is good until 2120, one that expired in 2001 and has no
 * common name, and one that the first signed for a server.
 */

#define CERTIFICATE_ROOT                                                                                               \
    "-----BEGIN CERTIFICATE-----\n"                                                                                    \
    "MIIBaTCCAQ+gAwIBAgIBATAKBggqhkjOPQQDAjAjMQ0wCwYDVQQKDARUZXN0MRIw\n"                                               \
    "EAYDVQQDDAlUZXN0IFJvb3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAw\n"                                               \
    "MDBaMCMxDTALBgNVBAoMBFRlc3QxEjAQBgNVBAMMCVRlc3QgUm9vdDBZMBMGByqG\n"                                               \
    "SM49AgEGCCqGSM49AwEHA0IABMpV8p8uMVdiFKJwuWhREVGizZcwmmroWSFsJCts\n"                                               \
    "jSJn8U5/5indVYFRuOfgtpuNG3E/7FZd0HZtGfeHyhFr58yjMjAwMA8GA1UdEwEB\n"                                               \
    "/wQFMAMBAf8wHQYDVR0OBBYEFPrJZUAjSVa+cZ0XhBsFbhTqVBfiMAoGCCqGSM49\n"                                               \
    "BAMCA0gAMEUCIQDjnxKDJk/2ROxZ5brCUQBG+V5iGWLJcOVS4Y0NVThzKQIgQP6w\n"                                               \
    "xTG7FSlvkOWOFUp8rWF/1grVkjrJYu7CYkOOgJ8=\n"                                                                       \
    "-----END CERTIFICATE-----\n"

#define CERTIFICATE_EXPIRED                                                                                            \
    "-----BEGIN CERTIFICATE-----\n"                                                                                    \
    "MIIBTTCB86ADAgECAgECMAoGCCqGSM49BAMCMBYxFDASBgNVBAoMC09sZCBDb21w\n"                                               \
    "YW55MB4XDTAwMDEwMTAwMDAwMFoXDTAxMDEwMTAwMDAwMFowFjEUMBIGA1UECgwL\n"                                               \
    "T2xkIENvbXBhbnkwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATKVfKfLjFXYhSi\n"                                               \
    "cLloURFRos2XMJpq6FkhbCQrbI0iZ/FOf+Yp3VWBUbjn4LabjRtxP+xWXdB2bRn3\n"                                               \
    "h8oRa+fMozIwMDAPBgNVHRMBAf8EBTADAQH/MB0GA1UdDgQWBBT6yWVAI0lWvnGd\n"                                               \
    "F4QbBW4U6lQX4jAKBggqhkjOPQQDAgNJADBGAiEA4dUIBJuabSVr8pK2LQo7Vi2D\n"                                               \
    "S83fV7KiUEHMU54SPpwCIQCDc7cSIuTIQiGoOE92jMp0v95TfivG5pxkoa/Xsa0l\n"                                               \
    "Bw==\n"                                                                                                           \
    "-----END CERTIFICATE-----\n"

#define CERTIFICATE_LEAF                                                                                               \
    "-----BEGIN CERTIFICATE-----\n"                                                                                    \
    "MIIBeDCCAR6gAwIBAgIBAzAKBggqhkjOPQQDAjAjMQ0wCwYDVQQKDARUZXN0MRIw\n"                                               \
    "EAYDVQQDDAlUZXN0IFJvb3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAw\n"                                               \
    "MDBaMBcxFTATBgNVBAMMDGxlYWYuZXhhbXBsZTBZMBMGByqGSM49AgEGCCqGSM49\n"                                               \
    "AwEHA0IABGeKBqT7qUVomO+kqQFo9v3gAweziYNOCBxEZtH8YufGQvEj4+ZbKFKj\n"                                               \
    "zGwXVj7bLYMqVC+JZ8vy4TBwZE4WuZ6jTTBLMAkGA1UdEwQCMAAwHQYDVR0OBBYE\n"                                               \
    "FMX+d1HuAn10dVc/stEgKSgiCUMzMB8GA1UdIwQYMBaAFPrJZUAjSVa+cZ0XhBsF\n"                                               \
    "bhTqVBfiMAoGCCqGSM49BAMCA0gAMEUCIQD1l+xlcpmqVix2NU59Ssu7S/OSFwsE\n"                                               \
    "JnIuz36F/fE4RQIgVjIKQ1FufvK9HpzhR78V8e4Khxodf9B78at6XhqpAyM=\n"                                                   \
    "-----END CERTIFICATE-----\n"
