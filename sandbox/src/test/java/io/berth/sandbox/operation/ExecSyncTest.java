package io.berth.sandbox.operation;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import org.junit.jupiter.api.Test;

final class ExecSyncTest {
    /** The most that the kubelet and crictl take. */
    private static final int MESSAGE_BYTES = 16 << 20;

    private static final ByteString FULL = ByteString.copyFrom(new byte[ExecSync.MAX_OUTPUT_BYTES]);
    private static final ByteString FEW = ByteString.copyFromUtf8("few words");

    @Test
    void whatFitsIsAnsweredWhole() {
        var answer = ExecSync.answer(FEW, FEW, 3);
        assertThat(answer.getStdout()).isEqualTo(FEW);
        assertThat(answer.getStderr()).isEqualTo(FEW);
        assertThat(answer.getExitCode()).isEqualTo(3);
    }

    @Test
    void errorsAreKeptBesideTooMuchOutput() {
        var answer = ExecSync.answer(FULL, FEW, 0);
        assertThat(answer.getStderr()).isEqualTo(FEW);
        assertThat(answer.getStdout().size()).isEqualTo(FULL.size() - FEW.size());
        assertThat(answer.getSerializedSize()).isLessThanOrEqualTo(MESSAGE_BYTES);
    }

    @Test
    void tooMuchOfBothIsHalved() {
        var answer = ExecSync.answer(FULL, FULL, 1);
        assertThat(answer.getStdout().size()).isEqualTo(FULL.size() / 2);
        assertThat(answer.getStderr().size()).isEqualTo(FULL.size() / 2);
        assertThat(answer.getSerializedSize()).isLessThanOrEqualTo(MESSAGE_BYTES);
    }

    @Test
    void tooManyErrorsLeaveTheOutput() {
        var answer = ExecSync.answer(FEW, FULL, 1);
        assertThat(answer.getStdout()).isEqualTo(FEW);
        assertThat(answer.getSerializedSize()).isLessThanOrEqualTo(MESSAGE_BYTES);
    }
}
