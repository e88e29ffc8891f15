/* Floating point by library calls, which are only called here. */
float scale(float x, int n) { return x * (float)n + 0.5f; }
int whole(double x) { return (int)(x / 3.0); }
const double pi = 3.14159265358979;
float table[] = {1.0f, -0.25f, 1e-3f};
int less(float a, float b) { return a < b; }
