/**
 * Reads the image files of CRIU and tells whether the processes in them have more rights than the
 * container that they are restored for.
 *
 * <p>Main types: {@link io.berth.sandbox.criu.SavedRights}, the only way in; {@code ImageFolder},
 * the files of one checkpoint; {@code ImageSchema}, the files, messages and fields that are known;
 * {@code SeccompProof}, which shows that a saved filter allows no more than a profile; {@link
 * io.berth.sandbox.criu.RestoredRights}, the second check, through /proc, of what CRIU made.
 *
 * <p>Facts, seen with CRIU 4.2.1 and runc 1.1.5 and 1.3.6: at CRIU's stages post-setup-namespaces,
 * post-restore and network-unlock a restored process sleeps in CRIU's code, with all capabilities,
 * no seccomp filter and no no_new_privs. At pre-resume each thread is in a tracing stop, with the
 * credentials, the filter and the bits that it will run with; CRIU ignores the answer that it gets
 * then. A process that is killed at that moment leaves CRIU waiting for ever, since it waits for
 * the first process, and that one for others that CRIU traces: so CRIU is killed as well, and its
 * mounts go with the folder of the restore. CRIU makes a time namespace for the processes. CRIU up
 * to 4.2 stops at an action script in the file of org.criu.config, as OCI runtimes take part in its
 * stages themselves (criu/action-scripts.c): so the native program stands between both, as a criu
 * that runtimes find first.
 *
 * <p>Invariant: what is not known is refused, by the name of file and field; an image takes bounded
 * memory; nothing here changes a file. May be imported by .operation; imports the exceptions of
 * sandbox.
 */
@NullMarked
package io.berth.sandbox.criu;

import org.jspecify.annotations.NullMarked;
