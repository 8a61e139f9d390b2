/* A shared library, but no plugin. */
int sirocco_synthetic_nothing(void);

int sirocco_synthetic_nothing(void) {
  return 0;
}
