/* A program that links the host as an archive. */
int report(void);

int main(void) {
    return report();
}
