using System.Runtime.InteropServices;

namespace Rvm.Tool.Commands;

/// <summary>While this lives, SIGINT and SIGTERM cancel its token instead of ending the process.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource stop;
    private readonly PosixSignalRegistration interrupt, terminate;

    public Interruption(CancellationToken outer = default)
    {
        stop = CancellationTokenSource.CreateLinkedTokenSource(outer);
        interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
        terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
    }

    public CancellationToken Token => stop.Token;

    public void Dispose()
    {
        interrupt.Dispose();
        terminate.Dispose();
        stop.Dispose();
    }

    private void Cancel(PosixSignalContext context)
    {
        context.Cancel = true;
        stop.Cancel();
    }
}
