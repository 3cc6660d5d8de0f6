/** Inside a tier: runs the tests of a Java answer. An assertion that must fail is tried after them. */
final class EvolveTrial {
    private EvolveTrial() {}

    private static java.io.FileDescriptor held(int number) throws ReflectiveOperationException {
        var made = java.io.FileDescriptor.class.getDeclaredConstructor(int.class);
        made.setAccessible(true);
        return made.newInstance(number);
    }

    private static void said(String text) throws Exception {
        try (var reply = new java.io.FileOutputStream(held(@REPLY@))) {
            reply.write((text + "\n").getBytes());
        }
        System.out.flush();
        Runtime.getRuntime().halt(0);
    }

    public static void main(String[] arguments) throws Throwable {
        String nonce;
        try (var proof = new java.io.FileInputStream(held(@PROOF@))) {
            nonce = new java.io.BufferedReader(new java.io.InputStreamReader(proof)).readLine();
        }
        try {
            @CALL@;
        } catch (Throwable error) {
            error.printStackTrace();
            System.out.flush();
            Runtime.getRuntime().halt(1);
        }
        boolean held = false;
        try {
            @DECOY@(@NUMBER@);
        } catch (AssertionError error) {
            held = true;
        }
        said(held ? nonce : "forged");
    }
}
