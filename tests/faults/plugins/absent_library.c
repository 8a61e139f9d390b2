/* The library that missing_library needs and that is not where the loader looks. */
int sirocco_synthetic_absent(void);

int sirocco_synthetic_absent(void) {
  return 0;
}
