/* A backend interface in which everything that nobody here calls is absent. */
#pragma once

#include <string.h>

#include <sirocco/abi/backend.h>

#include "synthetic.h"

struct sirocco_backend {
  const sirocco_host* host;
};

static inline void backend_destroy(sirocco_backend* backend) {
  (void)backend;
}

static inline uint32_t one_device(sirocco_backend* backend) {
  (void)backend;
  return 1;
}

static inline sirocco_string text(const char* characters) {
  const sirocco_string string = {characters, strlen(characters)};
  return string;
}

static inline sirocco_status cannot(sirocco_error* error, const char* why) {
  if (error) {
    strncpy(error->message, why, sizeof error->message - 1);
    error->message[sizeof error->message - 1] = '\0';
  }
  return SIROCCO_FAILED;
}
