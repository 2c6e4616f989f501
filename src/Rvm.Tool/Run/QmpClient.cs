using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Rvm.Tool.Run;

/// <summary>Talks to QEMU's machine protocol over a unix socket: answers to commands, and the SHUTDOWN event.</summary>
public sealed class QmpClient : IDisposable
{
    private readonly NetworkStream _stream;
    private readonly StreamWriter _writer;
    private readonly Dictionary<int, TaskCompletionSource<JsonNode>> _pending = [];
    private readonly TaskCompletionSource _shutdown = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _next;

    private QmpClient(Socket socket)
    {
        _stream = new(socket, ownsSocket: true);
        _writer = new(_stream) { AutoFlush = true, NewLine = "\n" };
    }

    /// <summary>Ends when the guest has shut the machine down.</summary>
    public Task Shutdown => _shutdown.Task;

    /// <summary>Connects to the socket at <paramref name="path"/> as soon as QEMU has made it, and negotiates.</summary>
    /// <exception cref="OperationCanceledException">Cancelled before QEMU answered.</exception>
    public static async Task<QmpClient> Connect(string path, CancellationToken cancel)
    {
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancel);
                var client = new QmpClient(socket);
                _ = client.Listen();
                await client.Send("qmp_capabilities", null, cancel);
                return client;
            }
            catch (SocketException)
            {
                socket.Dispose();
                await Task.Delay(20, cancel);
            }
        }
    }

    /// <summary>Runs a command and returns its answer.</summary>
    /// <exception cref="IOException">QEMU refused the command or closed the connection.</exception>
    public async Task<JsonNode> Send(string command, JsonObject? arguments, CancellationToken cancel)
    {
        var id = Interlocked.Increment(ref _next);
        var answer = new TaskCompletionSource<JsonNode>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_pending) _pending[id] = answer;
        var request = new JsonObject { ["execute"] = command, ["id"] = id };
        if (arguments is not null) request["arguments"] = arguments;
        await _writer.WriteLineAsync(request.ToJsonString().AsMemory(), cancel);
        return await answer.Task.WaitAsync(cancel);
    }

    /// <summary>Saves guest-physical memory to a file.</summary>
    /// <param name="address">First byte's physical address.</param>
    /// <param name="bytes">How many.</param>
    /// <param name="file">Where QEMU writes them.</param>
    /// <param name="cancel">Gives up waiting.</param>
    public Task SaveMemory(ulong address, ulong bytes, string file, CancellationToken cancel) =>
        Send("pmemsave", new() { ["val"] = address, ["size"] = bytes, ["filename"] = file }, cancel);

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private async Task Listen()
    {
        try
        {
            using var reader = new StreamReader(_stream, leaveOpen: true);
            while (await reader.ReadLineAsync() is { } line) Handle(JsonNode.Parse(line)!);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or JsonException)
        {
            // The connection is over: whoever still waits learns it below.
        }

        lock (_pending)
            foreach (var waiting in _pending.Values) waiting.TrySetException(new IOException("QEMU closed its control connection"));
    }

    private void Handle(JsonNode message)
    {
        if (message["event"]?.GetValue<string>() == "SHUTDOWN") _shutdown.TrySetResult();
        if (message["id"]?.GetValue<int>() is not { } id) return;
        TaskCompletionSource<JsonNode>? waiting;
        lock (_pending) _pending.Remove(id, out waiting);
        if (message["error"] is { } error) waiting?.TrySetException(new IOException("QEMU: " + error["desc"]));
        else waiting?.TrySetResult(message);
    }
}
