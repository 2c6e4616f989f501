namespace Rvm.Verified.Tests;

/// <summary>Random derivation trees across partitions: revoking kills exactly the descendants, and a slot used again revives no old handle.</summary>
public class RevocationTests
{
    private const int Partitions = 6, Trees = 200;

    /// <summary>A capability that the test knows of. Dead: revoked, dropped, or derived from such a one.</summary>
    private sealed class Node(uint owner, ulong handle, Node? parent, int depth)
    {
        public uint Owner => owner;

        public ulong Handle { get; set; } = handle;

        public bool Gone { get; set; }

        /// <summary>The parent's handle when this one was derived: another one now means that the parent was revoked.</summary>
        private readonly ulong _parentHandle = parent?.Handle ?? 0;

        public int Depth => depth;

        public bool Live => !Gone && (parent is null || (parent.Live && parent.Handle == _parentHandle));
    }

    [Fact]
    [Trait("Theorem", "Revocation_is_complete_for_ever")]
    public void Exactly_the_descendants_of_a_revoked_capability_die()
    {
        var granted = 0;
        for (var seed = 0; seed < Trees; seed++) granted += Grow(seed);
        Assert.True(granted > Trees * 20, $"only {granted} grants succeeded");
    }

    private static int Grow(int seed)
    {
        var random = new Random(seed);
        var rig = Boot();
        List<Node> nodes = [new Node(1, Trio.H(Partitions - 1), null, 0)];
        List<(uint Owner, ulong Handle)> old = [];
        for (var step = 0; step < 80; step++)
        {
            var node = nodes[random.Next(nodes.Count)];
            rig.As(node.Owner);
            switch (random.Next(10))
            {
                case < 7: Derive(rig, random, node, nodes); break;
                case < 9: Revoke(rig, node, old); break;
                default: Drop(rig, node, nodes, old); break;
            }

            if (step % 8 == 0) CheckAll(rig, nodes, old);
        }

        CheckAll(rig, nodes, old);
        return nodes.Count - 1;
    }

    /// <summary>Everybody holds a capability for everybody else in slots 0 … 4; partition 1 holds the region's in slot 5.</summary>
    private static Rig Boot()
    {
        var script = new BootScript().Image();
        for (var p = 1; p <= Partitions; p++) script.Partition(quota: 9000);
        for (ulong p = 1; p <= Partitions; p++)
            for (ulong q = 1; q <= Partitions; q++)
                if (p != q) script.Cap(p, Kind.Partition, q, Right.Write);
        return Rig.Boot(script.Region(1, Kind.Slab, 4, Right.Read | Right.Write | Right.Grant | Right.Revoke).Start(1, 2, 3, 4, 5, 6));
    }

    private static void Derive(Rig rig, Random random, Node node, List<Node> nodes)
    {
        var to = (uint)random.Next(1, Partitions + 1);
        var receiver = to == node.Owner ? 0 : Trio.H(to < node.Owner ? to - 1 : to - 2);
        var status = rig.Call(Fn.CapGrant, node.Handle, receiver, Right.Read | Right.Grant | Right.Revoke);
        if (!node.Live) Assert.Equal(Code.StaleCapability, status);
        else if (node.Depth == 8) Assert.Equal(Code.DelegationDepthExceeded, status);
        else if (status == Code.Ok) nodes.Add(new Node(to, rig.X(node.Owner, 1), node, node.Depth + 1));
        else Assert.Equal(Code.ResourceLimitExceeded, status);
    }

    private static void Revoke(Rig rig, Node node, List<(uint, ulong)> old)
    {
        var status = rig.Call(Fn.CapRevoke, node.Handle);
        Assert.Equal(node.Live ? Code.Ok : Code.StaleCapability, status);
        if (status != Code.Ok) return;
        old.Add((node.Owner, node.Handle));
        node.Handle = rig.X(node.Owner, 1);
    }

    private static void Drop(Rig rig, Node node, List<Node> nodes, List<(uint, ulong)> old)
    {
        if (node == nodes[0]) return;
        Assert.Equal(node.Gone ? Code.StaleCapability : Code.Ok, rig.Call(Fn.CapDrop, node.Handle));
        if (!node.Gone) old.Add((node.Owner, node.Handle));
        node.Gone = true;
    }

    /// <summary>Asks the kernel about every handle there ever was: one that is live passes the check of its kind, every other one is stale.</summary>
    private static void CheckAll(Rig rig, List<Node> nodes, List<(uint Owner, ulong Handle)> old)
    {
        foreach (var node in nodes) Probe(rig, node.Owner, node.Handle, node.Live);
        foreach (var (owner, handle) in old) Probe(rig, owner, handle, live: false);
    }

    private static void Probe(Rig rig, uint owner, ulong handle, bool live)
    {
        var (status, _) = Check(rig.Core, owner, handle);
        Assert.Equal(live ? Code.Ok : Code.StaleCapability, status);
    }

    private static (long Status, uint Index) Check(CoreState.Core core, uint owner, ulong handle)
    {
        core.caps.Check(owner, handle, Kind.Region, (uint)Right.Read, out var status, out var index);
        return ((long)status, index);
    }
}
