package io.berth.sandbox.operation;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.berth.cri.v1.ExecSyncResponse;
import io.berth.sandbox.operation.ExecSync.Lengths;
import org.junit.jupiter.api.Test;

final class ExecSyncTest {
    /** The most that the kubelet and crictl take. */
    private static final int MESSAGE_BYTES = 16 << 20;

    private static final int FULL = ExecSync.MAX_OUTPUT_BYTES;
    private static final int FEW = 9;

    @Test
    void whatFitsIsAnsweredWhole() {
        assertThat(Lengths.of(FEW, FEW)).isEqualTo(new Lengths(FEW, FEW));
        assertThat(Lengths.of(0, 0)).isEqualTo(new Lengths(0, 0));
    }

    @Test
    void errorsAreKeptBesideTooMuchOutput() {
        assertThat(Lengths.of(FULL, FEW)).isEqualTo(new Lengths(FULL - FEW, FEW));
    }

    @Test
    void tooMuchOfBothIsHalved() {
        assertThat(Lengths.of(FULL, FULL)).isEqualTo(new Lengths(FULL / 2, FULL / 2));
    }

    @Test
    void tooManyErrorsLeaveTheOutput() {
        assertThat(Lengths.of(FEW, FULL)).isEqualTo(new Lengths(FEW, FULL - FEW));
    }

    @Test
    void theLongestAnswerFitsIntoAMessage() {
        var half = ByteString.copyFrom(new byte[FULL / 2]);
        var answer = ExecSyncResponse.newBuilder().setStdout(half).setStderr(half).setExitCode(-1);
        assertThat(answer.build().getSerializedSize()).isLessThanOrEqualTo(MESSAGE_BYTES);
    }
}
