print("fleetstream")
