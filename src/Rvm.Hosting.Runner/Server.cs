using System.Text.Json;
using System.Text.Json.Nodes;
using Rvm.Platform.Hvf.Framework;

namespace Rvm.Hosting.Runner;

/// <summary>
/// Hosting for other languages: a request a line on standard input, an answer a line on standard output, both JSON.
/// {"do": "create", "memory": N, "vcpus": 1, "name": "x"} gives {"vm": I}; then with "vm": I: initialize ("program": base64, "entry": N), run, halt,
/// destroy, state, mappings; without: info, witness. What fails gives {"error": text, "type": name}.
/// </summary>
public static class Server
{
    public static async Task<int> Run(TextReader requests, TextWriter answers)
    {
        await using var host = await VirtualMachineHost.StartAsync();
        Dictionary<int, Vm> vms = [];
        while (await requests.ReadLineAsync() is { } line)
        {
            JsonNode answer;
            try
            {
                answer = await Answer(host, vms, JsonNode.Parse(line)!.AsObject());
            }
            catch (Exception e) when (e is ArgumentException or InvalidOperationException or JsonException or FormatException or NullReferenceException or KeyNotFoundException or HypervisorException)
            {
                answer = new JsonObject { ["error"] = e.Message, ["type"] = e.GetType().Name };
            }

            await answers.WriteLineAsync(answer.ToJsonString());
            await answers.FlushAsync();
        }

        foreach (var vm in vms.Values) await vm.DisposeAsync();
        return 0;
    }

    private static async Task<JsonNode> Answer(VirtualMachineHost host, Dictionary<int, Vm> vms, JsonObject request)
    {
        switch ((string?)request["do"])
        {
            case "info": return JsonSerializer.SerializeToNode(host.Info)!;
            case "witness": return new JsonObject { ["log"] = Convert.ToBase64String(host.WitnessLog()) };
            case "create":
                var made = host.CreateVm(new((ulong?)request["memory"] ?? 1 << 20, (int?)request["vcpus"] ?? 1, (string?)request["name"] ?? "vm"));
                vms[vms.Count] = made;
                return new JsonObject { ["vm"] = vms.Count - 1 };
        }

        var vm = vms[(int)request["vm"]!];
        switch ((string?)request["do"])
        {
            case "initialize":
                await vm.InitializeAsync(Convert.FromBase64String((string)request["program"]!), (ulong?)request["entry"] ?? VmLayout.Code);
                return new JsonObject { ["partition"] = vm.Partition };
            case "run":
                var reason = await vm.RunAsync();
                return new JsonObject { ["exit"] = reason.Kind.ToString(), ["value"] = reason.Value };
            case "halt": await vm.HaltAsync(); break;
            case "destroy": await vm.DisposeAsync(); break;
            case "mappings": return new JsonObject { ["mappings"] = JsonSerializer.SerializeToNode(vm.Mappings) };
            case "state": break;
            default: throw new ArgumentException($"`{request["do"]}` is no request");
        }

        return new JsonObject { ["state"] = vm.State.ToString() };
    }
}
