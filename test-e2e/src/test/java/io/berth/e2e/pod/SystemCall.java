package io.berth.e2e.pod;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A system call with exact 64-bit arguments, made by a program of its own inside a container. The
 * program is a static ELF file of some 200 bytes. It exits with the error number of the call, or
 * with 0 if the call succeeded.
 *
 * @param number the call's number on x86-64
 */
public record SystemCall(long number, long first, long second, long third) {
    private static final long BASE = 0x40_0000;
    private static final int HEADERS = 64 + 56;

    /** socket(2) of type SOCK_SEQPACKET, which AF_ALG takes. */
    public static SystemCall socket(long family) {
        return new SystemCall(41, family, 5, 0);
    }

    /** socket(2) of type SOCK_STREAM. */
    public static SystemCall streamSocket(long family) {
        return new SystemCall(41, family, 1, 0);
    }

    /** personality(2). */
    public static SystemCall personality(long persona) {
        return new SystemCall(135, persona, 0, 0);
    }

    /** unshare(2) by clone(2): makes a process in a new user namespace. */
    public static SystemCall cloneFlags(long flags) {
        return new SystemCall(56, flags, 0, 0);
    }

    /** A shell script that makes the call and prints {@code NAME EXITCODE}. */
    public String script(String name) {
        var octal = new StringBuilder();
        for (byte each : program()) {
            octal.append("\\%03o".formatted(each & 0xff));
        }
        return "printf '%s' > /tmp/call; busybox chmod 755 /tmp/call; /tmp/call; echo %s $?"
                .formatted(octal, name);
    }

    private byte[] program() {
        var code = new ByteArrayOutputStream();
        load(code, 0xb8, number); // rax
        load(code, 0xbf, first); // rdi
        load(code, 0xbe, second); // rsi
        load(code, 0xba, third); // rdx
        bytes(code, 0x0f, 0x05); // syscall
        bytes(code, 0x48, 0x85, 0xc0); // test rax, rax
        bytes(code, 0x79, 0x05); // jns over the next two
        bytes(code, 0x48, 0xf7, 0xd8); // neg rax
        bytes(code, 0xeb, 0x02); // jmp over the next
        bytes(code, 0x31, 0xc0); // xor eax, eax
        bytes(code, 0x48, 0x89, 0xc7); // mov rdi, rax
        load(code, 0xb8, 231); // rax: exit_group
        bytes(code, 0x0f, 0x05); // syscall
        var machine = code.toByteArray();
        int size = HEADERS + machine.length;
        return ByteBuffer.allocate(size)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0})
                .putShort((short) 2) // an executable file
                .putShort((short) 62) // of x86-64
                .putInt(1)
                .putLong(BASE + HEADERS) // where it begins
                .putLong(64) // where its one program header is
                .putLong(0)
                .putInt(0)
                .putShort((short) 64)
                .putShort((short) 56)
                .putShort((short) 1)
                .putShort((short) 64)
                .putShort((short) 0)
                .putShort((short) 0)
                .putInt(1) // a segment to load
                .putInt(5) // read and execute
                .putLong(0)
                .putLong(BASE)
                .putLong(BASE)
                .putLong(size)
                .putLong(size)
                .putLong(0x1000)
                .put(machine)
                .array();
    }

    /** Loads 64 bits into one of the first eight registers. */
    private static void load(ByteArrayOutputStream code, int register, long value) {
        bytes(code, 0x48, register);
        var wide = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(value);
        code.writeBytes(wide.array());
    }

    private static void bytes(ByteArrayOutputStream code, int... bytes) {
        for (int each : bytes) {
            code.write(each);
        }
    }
}
